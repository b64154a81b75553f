"""Stacks and change sets of an account: creating, updating, and what a change would lose."""
