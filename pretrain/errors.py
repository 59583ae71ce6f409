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


class TooFewSamples(PretrainError):
    """A metric that the samples at hand do not determine."""


class FeaturesNotFinite(PretrainError):
    """Features or pixels with NaN or infinity in them."""


class CountsDiffer(PretrainError):
    """Two sets that are compared element by element, or in one space, and do not fit together."""


class SeedOutOfRange(PretrainError):
    """A seed that is no integer 0 … 2⁵³−1."""


class WeightsOutOfReach(PretrainError):
    """A network with parameters whose per-sample gradients the ghost norms cannot read."""


class BadSelection(PretrainError):
    """A selection that cannot be made: an unknown criterion, a ratio out of range, a missing score, too few samples."""


class ResultsDoNotFit(PretrainError):
    """A results file with a key too many or too few, a wrong type, or a number that is not finite."""


class BadDataset(PretrainError):
    """dataset.json or attributes.jsonl that cannot be read, or that say what no data set can be."""


class MissingTar(PretrainError):
    """A tar that dataset.json lists and that is not there."""


class CorruptTar(PretrainError):
    """A tar with other bytes than dataset.json says, or with something else in it than the images of its split."""


class SizeNotInDataset(PretrainError):
    """Images of a size that cannot be made from the drawn ones."""


class CacheNotWritten(PretrainError):
    """No room or no permission for decoded images."""


class ClassifierNotGoodEnough(PretrainError):
    """No attribute that the classifier was trained on is right often enough to be reported."""


class RunNotEnded(PretrainError):
    """A run that is asked for its result before it has one."""


class BudgetExceeded(PretrainError):
    """Weights that are heavier than the page may be."""
