"""DeploymentPlan and drawings become files. No arithmetic here."""
