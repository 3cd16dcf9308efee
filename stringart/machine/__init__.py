"""From a plan to the motion of a machine: profile, toolpath, height, program, estimate, check, the way back.

Nothing here opens a port; the command line and the studio join it with ``firmware_io``. Data flows one way::

    profile -> placement -> ring -> toolpath -> height -> job -> program (text, by its dialect) -> estimate
    reader -> proof (independent of the above: reads the text, shares nothing with the writer)

Public: `profile` (what a machine is), `profile_files` (load_profile), `placement`, `kinematics`, `reach`, `job`
(make_job, `job_steps`), `program` (program_text), `jobfile` (read_job), `estimate` (time_of), `reader`, `proof`
(prove), `path_picture`, `recovery` (ResumeGuide), `settings` (what the controller is set to), `dialect` (DIALECTS),
`template` (lines for machines that makers build), `template_files` (load_template) and `template_guide` (guide_of),
`own_profile` (keep_answers, save_place).
"""
