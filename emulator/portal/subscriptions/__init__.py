"""What is known of a subscription and may keep it: its subject, pauses, offers, changes that wait."""
