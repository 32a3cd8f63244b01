"""The bound on what it may take to make an automaton of a pattern."""


class NoAutomaton(Exception):
    """A pattern that cannot become an automaton. `construct` says what stands in the way, after "it uses"."""

    def __init__(self, construct: str) -> None:
        super().__init__(construct)
        self.construct = construct


class Budget:
    """Counts the steps of a construction, so that its time has a bound that no clock decides."""

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.spent = 0

    def spend(self, steps: int) -> None:
        """Raises `NoAutomaton` once more steps than there are were spent."""
        self.spent += steps
        if self.spent > self.steps:
            raise NoAutomaton(f"more than {self.steps:,} steps of construction")
