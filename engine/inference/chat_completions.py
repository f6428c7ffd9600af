"""What an OpenAI-compatible server answers, as far as it is read. What else it sends is ignored."""

import math
from typing import Annotated

from pydantic import AfterValidator, BaseModel


def _number(value: float) -> float:
    if math.isnan(value):
        raise ValueError("not a number")
    return value


LogProbability = Annotated[float, AfterValidator(_number)]
"""Some servers send more than 0, or minus infinity."""


class Alternative(BaseModel):
    """A token that could have stood there, with the logarithm of its probability."""

    token: str
    logprob: LogProbability


class Told(Alternative):
    """The token that stands there, and the alternatives to it."""

    top_logprobs: list[Alternative] | None = None


class LogProbabilities(BaseModel):
    content: list[Told] | None = None


class Message(BaseModel):
    content: str | None = None


class Choice(BaseModel):
    """`message` of a whole answer, `delta` of a piece."""

    message: Message | None = None
    delta: Message | None = None
    logprobs: LogProbabilities | None = None
    finish_reason: str | None = None

    @property
    def told(self) -> list[Told]:
        return (self.logprobs.content if self.logprobs else None) or []

    @property
    def probability(self) -> float | None:
        """The smallest that a token had; None where the server tells none."""
        return min((math.exp(min(one.logprob, 0.0)) for one in self.told), default=None)


class Completion(BaseModel):
    """A whole answer, or a piece of one."""

    choices: list[Choice] = []
    error: object = None
