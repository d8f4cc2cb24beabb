"""What Stripe's API description says, in a form quick to ask."""
