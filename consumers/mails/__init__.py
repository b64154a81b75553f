"""What customers read: the templates of SES, and the values put into them."""
