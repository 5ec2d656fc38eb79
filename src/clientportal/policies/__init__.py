"""Whether something may happen, and always why: pure and total functions of facts and now."""
