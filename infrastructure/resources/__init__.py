"""CloudFormation resources, a module per kind, from the declarations."""
