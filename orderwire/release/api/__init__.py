"""The stage of API Gateway: its settings, its log, and what Chalice's deploy changed of it."""
