"""The bound on the work of making an automaton."""


class NoAutomaton(Exception):
    """Raised for a pattern that cannot become an automaton. `construct` completes the sentence "it uses ..."."""

    def __init__(self, construct: str) -> None:
        super().__init__(construct)
        self.construct = construct


class Budget:
    """Counts the steps of a construction, which bounds its time the same way on every machine."""

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.spent = 0

    def spend(self, steps: int) -> None:
        """Count `steps` as done. Raises `NoAutomaton` when there are none left."""
        self.spent += steps
        if self.spent > self.steps:
            raise NoAutomaton(f"more than {self.steps:,} steps of construction")
