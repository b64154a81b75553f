"""Whole CloudFormation templates: a stage's, a subscription's, and that of a release as one stack."""
