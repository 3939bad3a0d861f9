"""Holding the models against others: batch prediction of tables of cases, and the Recommendations that only it asks."""
