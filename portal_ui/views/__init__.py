"""What templates are given: one frozen class per template, words and addresses ready to be drawn."""
