"""The vocabulary everything else is written in: time, ids, money, errors, documents."""
