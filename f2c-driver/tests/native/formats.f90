program t
double precision d
d = -123.456789d0
write(*,'(D12.4)') d
write(*,'(E12.4,E15.4E3)') d, d
write(*,'(F8.3,F8.3,F6.1)') d, 0.5d0, -0.04d0
write(*,'(G12.4,G12.4,G12.4)') d, 1d-10, 1d10
write(*,'(1PE12.4,1PD14.6)') d, d
write(*,'(I5,I5.3,I2)') 42, 7, 1234
write(*,'(L3,A5,A2,A)') .true., 'ab', 'abcd', 'xyz'
write(*,'(3X,A,T20,A,TL5,A)') 'a', 'b', 'c'
write(*,'(1X,2(I3,'',''),I3)') 1,2,3
write(*,'(F5.2)') 12345.678
write(*,'(F10.0,F3.0)') 2.5, 3.5
write(*,'(E10.3)') 0.0
write(*,'(SP,I5,F8.2,SS,I5)') 5, 1.5, 5
write(*,'(1P,G12.4)') 0.5
write(*,'(E9.3,F4.2,F3.2)') -0.5, 0.25, 0.25
x = 0
write(*,'(F8.3,F4.1,E12.4)') 1/x, -1/x, x/x
write(*,'(F6.3)') -0.0001
write(*,'(2E11.3)') 1e-38, 1e38
write(*,'(E11.3)') 1d-200
write(*,'(A,$)') 'no newline'
write(*,'(A)') ' end'
write(*,'(ES12.4,ES14.3E3,ES10.2)') 123.456, -1d-7, 0.0
write(*,'(I0,1X,F0.3,1X,I0,F0.1)') 42, 0.5, -7, -12.25
write(*,'(EN12.3,EN12.3,EN12.3,EN12.3)') 123456.0, 999.9999, 0.0012, 1.0
write(*,'(*(I3))') 1,2,3
write(*,'(''it''''s'',1X,4HHoll,E10.2)') 1.0
write(*,'(2(E10.3E1,:,'' ''))') 1.5, 2.5
write(*,'(F10.2/F10.2)') 1.005, 2.675d0
end
