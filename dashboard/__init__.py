"""What shows it: pages, map, tables and files, all read from one published release."""
