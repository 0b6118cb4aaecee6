"""Text of PROC, PARMLIB and JCL members, from templates that a site can override."""
