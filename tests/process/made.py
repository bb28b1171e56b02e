"""Processes made up for tests."""

from hypothesis import strategies as st

from notyet.process.definition import KINDS, NEEDS, Definition, Due, Question, StageRule, Step

WORDS = st.text(alphabet="abcdé “", min_size=0, max_size=6).map(lambda text: " ".join(text.split()))
DUES = st.none() | st.builds(Due, st.integers(1, 9), st.sampled_from(["hours", "days"]))


@st.composite
def definitions(draw: st.DrawFn) -> Definition:
    """A process of up to four stages whose keys come from one small pool, so that two of them share many."""
    keys = draw(st.lists(st.sampled_from(["s1", "s2", "s3", "s4"]), unique=True, max_size=4))
    questions = draw(st.permutations(["q1", "q2", "q3", "q4"]))
    steps = draw(st.permutations(["t1", "t2", "t3", "t4"]))
    stages = []
    for key in keys:
        asked = [questions.pop() for _ in range(draw(st.integers(0, len(questions))))]
        done = [steps.pop() for _ in range(draw(st.integers(0, len(steps))))]
        needs = draw(st.sets(st.sampled_from(list(NEEDS)), max_size=3))
        stages.append(
            StageRule(
                key,
                draw(WORDS),
                draw(st.sampled_from(KINDS)),
                tuple(Question(one, draw(WORDS), draw(DUES)) for one in asked),
                tuple(Step(one, draw(WORDS), draw(DUES)) for one in done),
                tuple(one for one in NEEDS if one in needs),
            )
        )
    return Definition(tuple(stages))
