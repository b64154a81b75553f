"""What only an admin sees: login, queues, figures."""
