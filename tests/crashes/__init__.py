"""What is left when a part of the product is killed in the middle of its work."""
