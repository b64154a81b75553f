"""Loyalty points: a point for every whole unit of money that a customer has paid and not got back."""
