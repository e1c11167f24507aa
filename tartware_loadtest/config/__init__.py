"""Settings: where each value comes from, validated once, then frozen."""
