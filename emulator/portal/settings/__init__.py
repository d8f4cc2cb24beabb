"""What the account owner has set: configurations, the products they offer, own reasons, brands."""
