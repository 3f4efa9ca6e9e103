"""Who was visited and why: outcomes are known only where somebody looked."""
