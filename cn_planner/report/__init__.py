"""Cost, power, phases and tables become one frozen DeploymentPlan."""
