"""All that looks at pixels: change gate, scenes, detection, recognition, tracks, screen text."""
