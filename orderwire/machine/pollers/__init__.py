"""What Lambda's event source mappings are in AWS: the queues polled, the consumers called in this process."""
