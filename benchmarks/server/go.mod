module tartware-loadtest.invalid/benchserver

go 1.25.0
