"""Everything that can go wrong for a reason the user can mend: named, with numbers, and with what to do next."""


class PretrainError(Exception):
    """Base of all errors that the command line prints as one plain sentence."""


class ConfigDoesNotFit(PretrainError):
    """A configuration that no run can have: an unknown key, a missing one, a wrong type, sizes that do not divide."""


class RunInUse(PretrainError):
    """Another process trains in the same folder."""


class StateDoesNotFit(PretrainError):
    """The state in a run's folder belongs to another configuration or cannot be read."""


class TrainingDiverged(PretrainError):
    """The loss is not a finite number."""


class MissingFile(PretrainError):
    """A file that a stage starts from is not there; the message names the stage that makes it."""


class BadSafetensors(PretrainError):
    """A file that is no whole safetensors file, or lacks tensors that a model needs."""
