"""What bootstrap writes: the dotenv file, the data file and the kustomization."""
