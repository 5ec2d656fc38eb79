"""What is secret: passwords, links, tokens, sealed content. `cryptography` is used only here."""
