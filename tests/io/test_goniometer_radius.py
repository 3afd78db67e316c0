"""The radius of the goniometer, as scans state it."""

from __future__ import annotations

import io
import zipfile

import pytest

XRDML = """<?xml version="1.0"?><xrdMeasurements><xrdMeasurement>
<usedWavelength><kAlpha1 unit="Angstrom">1.5405980</kAlpha1></usedWavelength>
<incidentBeamPath><radius unit="mm">240.00</radius></incidentBeamPath>
<diffractedBeamPath>{radius}</diffractedBeamPath>
<scan><dataPoints><positions axis="2Theta" unit="deg"><startPosition>10</startPosition><endPosition>12</endPosition>
</positions><commonCountingTime unit="seconds">1</commonCountingTime>
<intensities unit="counts">10 12 11 14 9</intensities></dataPoints></scan></xrdMeasurement></xrdMeasurements>"""
TRACK = """<SecondaryTracks><TrackInfoData><Radius Unit="mm" Value="{radius}" /></TrackInfoData></SecondaryTracks>"""
BRML = """<RawData><FixedInformation><PrimaryTracks><TrackInfoData><Radius Unit="mm" Value="250" /></TrackInfoData>
</PrimaryTracks>{track}</FixedInformation><DataRoutes><DataRoute RouteFlag="Measured"><ScanInformation>
<ScanAxes><ScanAxisInfo AxisId="TwoTheta"><Start>10</Start><Increment>0.5</Increment></ScanAxisInfo></ScanAxes>
</ScanInformation><Datum>1,1,10.0,5.0,10</Datum><Datum>1,1,10.5,5.25,12</Datum><Datum>1,1,11.0,5.5,9</Datum>
</DataRoute></DataRoutes></RawData>"""


@pytest.mark.parametrize(
    ("element", "radius"),
    [
        ('<radius unit="mm">145.00</radius>', 145.0),
        ("", None),
        ('<radius unit="mm">0.00</radius>', None),
        ('<radius unit="inch">5.7</radius>', None),
    ],
)
def test_xrdml_states_it_behind_the_sample(read_bytes, element, radius):
    (pattern,) = read_bytes(XRDML.format(radius=element), "scan.xrdml")
    assert pattern.metadata.get("goniometer_radius") == radius


@pytest.mark.parametrize(("track", "radius"), [(TRACK.format(radius=166.5), 166.5), (TRACK.format(radius=0), None)])
def test_brml_states_it_behind_the_sample(read_bytes, track, radius):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("Experiment0/RawData0.xml", BRML.format(track=track))
    (pattern,) = read_bytes(packed.getvalue(), "scan.brml")
    assert pattern.metadata.get("goniometer_radius") == radius
