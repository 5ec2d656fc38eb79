"""What an adapter must pass: subclass a kit, write one fixture."""
