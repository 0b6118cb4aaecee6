"""The system underneath: z/OS through ZOAU, plain files, or a simulated LPAR."""
