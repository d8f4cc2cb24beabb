"""Payment methods: which types there are, what their forms ask, the wallet, and the acts on it."""
