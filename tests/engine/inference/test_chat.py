"""Chat templates as models bring them, good and bad."""

import pytest

from engine.inference.chat import CHATML, ChatFormat, chat_format
from engine.inference.random_vlm import TEMPLATE

SMOLVLM = (
    "<|im_start|>{% for message in messages %}{{message['role'] | capitalize}}"
    "{% if message['content'][0]['type'] == 'image' %}{{':'}}{% else %}{{': '}}{% endif %}"
    "{% for line in message['content'] %}{% if line['type'] == 'text' %}{{line['text']}}"
    "{% elif line['type'] == 'image' %}{{ '<image>' }}{% endif %}{% endfor %}"
    "<end_of_utterance>\n{% endfor %}{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}"
)
NO_SYSTEM = (
    "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'system' %}"
    "{{ raise_exception('System role not supported') }}{% endif %}"
    "<start_of_turn>{{ m['role'] }}\n{{ m['content'] | trim }}<end_of_turn>\n{% endfor %}"
    "{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)
EVIL = (
    "'x' * 10000000000", "10 ** 10 ** 10", "'x' | center(10000000000)", "'%9999999999d' % 1",
    "'x'.ljust(10000000000)", "'{:>9999999999}'.format(1)", "'x' | indent(9999999999, true)",
    "lipsum(n=100000)", "cycler.__init__.__globals__", "messages.append(1)",
)  # fmt: skip
GEMMA = (
    "{{ bos_token }}{%- if messages[0]['role'] == 'system' -%}{%- if messages[0]['content'] is "
    "string -%}{%- set first = messages[0]['content'] + '\n\n' -%}{%- else -%}{%- set first = "
    "messages[0]['content'][0]['text'] + '\n\n' -%}{%- endif -%}{%- set loop_messages = "
    "messages[1:] -%}{%- else -%}{%- set first = '' -%}{%- set loop_messages = messages -%}"
    "{%- endif -%}{%- for message in loop_messages -%}{%- if (message['role'] == 'user') != "
    "(loop.index0 % 2 == 0) -%}{{ raise_exception('roles must alternate') }}{%- endif -%}"
    "{{ '<start_of_turn>' + message['role'] + '\n' + (first if loop.first else '') }}"
    "{%- if message['content'] is string -%}{{ message['content'] | trim }}{%- else -%}"
    "{%- for item in message['content'] -%}{%- if item['type'] == 'image' -%}"
    "{{ '<start_of_image>' }}{%- else -%}{{ item['text'] | trim }}{%- endif -%}{%- endfor -%}"
    "{%- endif -%}{{ '<end_of_turn>\n' }}{%- endfor -%}{%- if add_generation_prompt -%}"
    "{{ '<start_of_turn>model\n' }}{%- endif -%}"
)


def test_one_that_puts_the_system_text_into_the_first_turn() -> None:
    assert chat_format(GEMMA) == ChatFormat(
        before="<start_of_turn>user\n",
        between="\n\n",
        after="<end_of_turn>\n<start_of_turn>model\n",
    )


def test_the_usual_one() -> None:
    assert chat_format(TEMPLATE) == ChatFormat(
        before="<|im_start|>system\n",
        between="<|im_end|>\n<|im_start|>user\n",
        after="<|im_end|>\n<|im_start|>assistant\n",
    )


def test_one_that_wants_parts() -> None:
    assert chat_format(SMOLVLM) == ChatFormat(
        before="<|im_start|>System: ",
        between="<end_of_utterance>\nUser: ",
        after="<end_of_utterance>\nAssistant:",
    )


def test_one_without_a_system_turn() -> None:
    assert chat_format(NO_SYSTEM) == ChatFormat(
        before="<start_of_turn>user\n",
        between="\n",
        after="<end_of_turn>\n<start_of_turn>model\n",
    )


@pytest.mark.parametrize(
    "template",
    [
        None,
        "",
        "no turns at all",
        "{% for %}",
        "{{ messages[9] }}",
        "{{ messages[0]['content'] }}{{ messages[1]['content'] }}{{ messages[1]['content'] }}",
        "{{ 1 / 0 }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ messages.clear() }}",
        "{% for a in range(10**9) %}x{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "x" * 200_000,
        "{{ raise_exception('no') }}",
        "{{ messages | map(attribute='x') | list | first | upper }}",
        *[f"{TEMPLATE}{{{{ '' if {evil} else '' }}}}" for evil in EVIL],
        TEMPLATE + "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        TEMPLATE + "{% set n = namespace(x='aa') %}{% for a in range(60) %}"
        "{% set n.x = n.x ~ n.x %}{% endfor %}",
        TEMPLATE + "{% set n = namespace(x='aa') %}{% for a in range(60) %}"
        "{% set n.x = n.x.replace('a', n.x) %}{% endfor %}",
        TEMPLATE + "{% for a in range(9999) %}" + "x" * 9999 + "{% endfor %}",
    ],
)
def test_a_template_that_cannot_be_used(template: str | None) -> None:
    assert chat_format(template) == CHATML
    assert CHATML.fallback
