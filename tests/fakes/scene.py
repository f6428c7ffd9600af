"""A drawn room in which somebody walks and a cat sleeps: pictures for tests of the window."""

import math

import cv2
import numpy as np

from engine.media import Box, Image

WIDTH, HEIGHT = 1280, 720
CAT = Box(820, 380, 210, 130)
MUG = Box(330, 418, 62, 78)

_AA = cv2.LINE_AA


def person_box(t: float) -> Box:
    """Where the person is at `t` seconds."""
    x = round(480 + 90 * math.sin(t / 2))
    return Box(x - 96, 146, 192, 350)


def room(t: float = 0.0, *, person: bool = True) -> Image:
    """The room at `t` seconds, shape (720, 1280, 3)."""
    image = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    shade = np.linspace(0, 1, 520)[:, None, None]
    image[:520] = np.array([150, 160, 158]) * (1 - shade) + np.array([118, 130, 134]) * shade
    image[520:] = (74, 92, 112)
    cv2.rectangle(image, (90, 70), (330, 330), (208, 205, 196), -1, _AA)
    cv2.rectangle(image, (104, 84), (316, 316), (206, 176, 132), -1, _AA)
    cv2.circle(image, (250, 150), 34, (190, 226, 244), -1, _AA)
    cv2.line(image, (210, 84), (210, 316), (208, 205, 196), 10, _AA)
    cv2.rectangle(image, (1060, 90), (1190, 250), (92, 110, 90), -1, _AA)
    cv2.circle(image, (1125, 170), 42, (120, 158, 196), -1, _AA)
    cv2.rectangle(image, (780, 470), (1080, 560), (84, 66, 128), -1, _AA)
    cv2.rectangle(image, (780, 330), (810, 560), (70, 54, 110), -1, _AA)
    cv2.rectangle(image, (1050, 330), (1080, 560), (70, 54, 110), -1, _AA)
    _cat(image, t)
    if person:
        _person(image, t)
    cv2.rectangle(image, (60, 494), (700, 524), (62, 92, 132), -1, _AA)
    cv2.rectangle(image, (90, 524), (118, 690), (50, 76, 110), -1, _AA)
    cv2.rectangle(image, (640, 524), (668, 690), (50, 76, 110), -1, _AA)
    cv2.rectangle(image, (336, 430), (376, 494), (96, 116, 226), -1, _AA)
    cv2.ellipse(image, (380, 460), (14, 18), 0, 0, 360, (96, 116, 226), 6, _AA)
    return image


def _cat(image: Image, t: float) -> None:
    breath = round(3 * math.sin(t * 1.5))
    fur, dark = (70, 130, 190), (54, 104, 158)
    cv2.ellipse(image, (930, 452), (92, 46 + breath), 0, 0, 360, fur, -1, _AA)
    cv2.circle(image, (866, 438), 34, fur, -1, _AA)
    for x in (842, 886):
        ear = np.array([[x - 12, 420], [x, 388], [x + 14, 416]], np.int32)
        cv2.fillPoly(image, [ear], dark, _AA)
    cv2.ellipse(image, (992, 470), (40, 14), 20, 0, 300, dark, 10, _AA)
    for x in (852, 878):
        cv2.ellipse(image, (x, 438), (7, 4), 0, 0, 180, (30, 40, 50), 2, _AA)


def _person(image: Image, t: float) -> None:
    box = person_box(t)
    x = box.x + box.w // 2
    cv2.ellipse(image, (x, 470), (88, 190), 0, 180, 360, (142, 100, 70), -1, _AA)
    cv2.rectangle(image, (x - 88, 468), (x + 88, 500), (142, 100, 70), -1, _AA)
    cv2.rectangle(image, (x - 20, 262), (x + 20, 310), (150, 178, 220), -1, _AA)
    cv2.ellipse(image, (x, 226), (48, 58), 0, 0, 360, (158, 188, 230), -1, _AA)
    cv2.ellipse(image, (x, 200), (52, 46), 0, 180, 360, (40, 46, 62), -1, _AA)
    for dx in (-18, 18):
        cv2.circle(image, (x + dx, 226), 4, (40, 44, 56), -1, _AA)
    cv2.ellipse(image, (x, 248), (16, 8), 0, 10, 170, (90, 100, 170), 2, _AA)
