"""A second service, as shops have them: a supplier that says how soon an item can be delivered."""
