"""The customer portal: its configurations, its sessions, what a customer may do there, and the doing of it."""
