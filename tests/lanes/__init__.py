"""The core: machines, Rules, desk, runtime and officers' acts."""
