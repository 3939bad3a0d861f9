"""The steps of the journey, in their order; each is a method of `walk.Journey`."""

STEPS = (
    "first_page", "new_plan", "leave_tour", "terrain", "people", "first_served", "more_towers", "drag_tower",
    "drag_link", "raise_mast", "gateway", "suggestions", "reject", "lock", "scenario", "compare", "second_way",
    "channels", "undo_all", "redo_all", "export",
)  # fmt: skip
