"""Who buys: customers, their balance, their tax ids."""
