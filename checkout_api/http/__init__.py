"""Requests and answers: routing, reading, problem documents, the OpenAPI document. Knows no order."""
