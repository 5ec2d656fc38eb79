"""Commands and views: values that know how to decide themselves."""
