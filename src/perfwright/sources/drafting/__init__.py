"""What the readers of collections share: text with variables, names, secrets, the target."""
