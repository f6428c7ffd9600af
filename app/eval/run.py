"""The evaluations there are, by name."""

EVALUATIONS = {
    "gallery": "app.eval.gallery:measure",
    "own-embedder": "app.eval.own_embedder:measure",
    "actions": "app.eval.actions:measure",
    "demo-model": "app.eval.demo_model:measure",
    "demo-eyes": "app.eval.demo_eyes:measure",
    "window": "app.eval.window:measure",
    "alerts": "app.eval.alerts:measure",
    "alerts-demo": "app.eval.alerts:measure_demo",
    "alerts-noise": "app.eval.alert_variants:measure_noise",
    "alerts-settings": "app.eval.alert_variants:measure_settings",
    "alerts-armed": "app.eval.armed:measure",
    "alerts-real": "app.eval.real_alerts:measure",
    "voice": "app.eval.voice:measure",
    "wake": "app.eval.wake:measure",
    "first-contact": "app.eval.first_contact:measure",
}
"""`nacre eval gallery`: people and things known again, and strangers left unnamed.
`nacre eval own-embedder`: how well the embedder that comes with Nacre tells unseen things apart.
`nacre eval actions`: actions shown once, sighted when others do them elsewhere.
`nacre eval demo-model [FOLDER]`: the demo model's answers about the drawn world, or those of the
weights that a training wrote into FOLDER.
`nacre eval demo-eyes`: how the demo's eyes find its figures and tell them apart.
`nacre eval window`: how far the live window's policies drift, with the demo model.
`nacre eval alerts`: standing requests on 60 hours of the drawn world, beside polling at 1 Hz.
`nacre eval alerts-noise`: the same with observers that err more and less.
`nacre eval alerts-settings`: the same with other settings of the judging, on hours to choose by.
`nacre eval alerts-demo [FOLDER]`: fewer of them, judged by the demo model on pictures.
`nacre eval alerts-armed`: what 20 alerts cost in 8 hours.
`nacre eval alerts-real`: 20 alerts on real recordings in which nothing of it happens.
`nacre eval voice`: commands spoken into a room and heard, and its own voice.
`nacre eval wake`: the wake phrase where nobody says it, on more than an hour of speech, and where
somebody does.
`nacre eval first-contact MODEL`: what an installed vision-language model does on this machine."""

OF_A_MODEL = ("first-contact",)
"""They take the id of an installed model as well."""
OR_OF_A_FOLDER = ("demo-model", "alerts-demo")
"""They may take a folder of weights instead of those that come with the program."""
