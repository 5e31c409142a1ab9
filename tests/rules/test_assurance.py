import pytest

from creditbank_hooks.tidings import ASSESSMENT_ASSURANCE, IDENTITY_ASSURANCE, Assurance
from creditbank_plugin.rules import assurance


@pytest.mark.parametrize(
    ("order", "meets"),
    [
        (("unknown", "login", "verified", "proctored"), assurance.identity_meets),
        (("self", "automatic", "teacher", "proctored", "standard_test"), assurance.assessment_meets),
    ],
)
def test_each_level_meets_itself_and_what_is_below(order, meets):
    for have in order:
        assert [least for least in order if meets(have, least)] == list(order[: order.index(have) + 1])


def test_both_orders_must_reach_the_minimum():
    least = Assurance(identity="verified", assessment="teacher")
    assert assurance.meets(Assurance(identity="verified", assessment="proctored"), least)
    assert assurance.lacking(Assurance(identity="login", assessment="teacher"), least) == ("identity",)
    assert assurance.lacking(Assurance(identity="proctored", assessment="self"), least) == ("assessment",)


def test_what_was_not_told_is_the_lowest():
    assert assurance.meets(None, Assurance())
    assert assurance.lacking(None, Assurance(identity="login", assessment="automatic")) == ("identity", "assessment")


def test_a_level_of_the_other_order_is_an_error():
    with pytest.raises(ValueError, match="not in"):
        assurance.identity_meets("standard_test", "login")


def test_every_level_has_words_in_both_languages():
    assert tuple(assurance.IDENTITY_WORDS) == IDENTITY_ASSURANCE
    assert tuple(assurance.ASSESSMENT_WORDS) == ASSESSMENT_ASSURANCE
    assert all(th and en for th, en in [*assurance.IDENTITY_WORDS.values(), *assurance.ASSESSMENT_WORDS.values()])
