"""Invoices, receipts and credit notes to take away: what they say, and how they are set."""
